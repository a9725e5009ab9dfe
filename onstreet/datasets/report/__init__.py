"""What a data set comes to, on one page: numbers, pictures, and what is wrong with it."""
