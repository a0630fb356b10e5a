"""TODO course.lesson_02.exercises."""
