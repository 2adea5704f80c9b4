"""Notebooks as PDF files without LaTeX or a browser: pandoc reads them, typst sets them."""
