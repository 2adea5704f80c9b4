"""nbgrader's settings: this folder is the course, its units are the assignments."""

c = get_config()  # noqa: F821 (Jupyter gives its configuration files this function)
c.CourseDirectory.course_id = "tessera"
c.CourseDirectory.source_directory = "notebooks/source"
c.CourseDirectory.release_directory = "notebooks/exercises"
# What learners hand in and what comes of it: kept below this folder, so that a notebook being
# graded finds deno.json, and out of git.
c.CourseDirectory.submitted_directory = "grading/submitted"
c.CourseDirectory.autograded_directory = "grading/autograded"
c.CourseDirectory.feedback_directory = "grading/feedback"
c.CourseDirectory.solution_directory = "grading/solutions"

# The checks know an unsolved task by the words "Not solved yet".
c.ClearSolutions.code_stub = {
    "typescript": "// Your code here\n"
    'throw new Error("Not solved yet: write your code in place of this line, then run the cell again.");',
}
c.ClearSolutions.text_stub = "*Your answer here.*"

c.Execute.timeout = 3600  # seconds for a cell: some of them train a network
c.Execute.interrupt_on_timeout = True  # such a cell is stopped, and the next ones run
