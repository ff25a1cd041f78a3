"""What a job's outputs look like in each format. Pure: pages come in one by one, text goes out piece by piece."""
