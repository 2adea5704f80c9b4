"""Between Jupyter and the language service (`language/`), which knows the types of notebooks."""
