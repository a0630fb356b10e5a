"""TODO course.lesson_00.exercises."""
