"""Clock and run ids."""
