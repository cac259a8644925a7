"""Programs for a developer's machine: `make up`, `make demo`. The app never imports them."""
