"""nbconvert's own PDF needs LaTeX and pandoc on the search path; where they are not, there is TesseraPDF."""

import shutil
import sys

from nbconvert.preprocessors import Preprocessor


class PointToTesseraPDF(Preprocessor):
    """Ends `nbconvert --to pdf` with one line where it could not work."""

    enabled = True

    def preprocess(self, nb, resources):
        missing = [name for name in ("xelatex", "pandoc") if not shutil.which(name)]
        if missing:
            print(
                f"--to pdf needs {' and '.join(missing)}, which this machine does not have. "
                "The course's PDF needs neither: jupyter nbconvert --to TesseraPDF NOTEBOOK",
                file=sys.stderr,
            )
            sys.exit(1)
        return nb, resources
