"""TODO course.lesson_04.exercises."""
