"""TODO course.lesson_06.exercises."""
