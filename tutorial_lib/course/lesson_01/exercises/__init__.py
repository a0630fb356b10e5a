"""TODO course.lesson_01.exercises."""
