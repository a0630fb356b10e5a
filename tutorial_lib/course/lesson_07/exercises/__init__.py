"""TODO course.lesson_07.exercises."""
