"""TODO course.lesson_05.exercises."""
