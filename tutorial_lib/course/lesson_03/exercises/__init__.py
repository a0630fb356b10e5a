"""TODO course.lesson_03.exercises."""
