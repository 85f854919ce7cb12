"""Long work as iterators: training, runs on disk, jobs, queries."""
