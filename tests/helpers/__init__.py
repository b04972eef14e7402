"""What tests share: worlds to play in, small runs, ways to look."""
