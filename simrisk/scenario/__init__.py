"""What the user wrote: from the text of a scenario file to checked, frozen values."""
