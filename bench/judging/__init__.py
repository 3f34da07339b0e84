"""What the bench of duplicates needs: the truth, scores, what is judged and beside what, the cost."""
