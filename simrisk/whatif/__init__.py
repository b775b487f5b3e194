"""What is it worth: the same dice rolled for the plan as it is and without one cause after the other."""
