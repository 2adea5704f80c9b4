"""Makes learners' notebooks with nbgrader: release.py CONFIG SOURCE TARGET UNIT…

What `nbgrader generate_assignment` does, for several units in one process and without a gradebook.
"""

import logging
import sys
from pathlib import Path

from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

config_file, source, target, *units = sys.argv[1:]
config = Config(PyFileConfigLoader(config_file).load_config())
config.CourseDirectory.root = str(Path(source).parent)
config.CourseDirectory.source_directory = Path(source).name
config.CourseDirectory.release_directory = target
# What is not taken from hand-ins, such as modules beside a notebook, authors do hand out.
config.CourseDirectory.pop("ignore", None)
config.SaveCells.enabled = False
config.GenerateAssignment.no_database = True
logging.basicConfig(level=logging.WARNING, format="%(message)s")
for unit in units:
    config.CourseDirectory.assignment_id = unit
    course = CourseDirectory(config=config)
    try:
        GenerateAssignment(coursedir=course, config=config).start()
    except NbGraderException:
        sys.exit(1)  # the log has told why
