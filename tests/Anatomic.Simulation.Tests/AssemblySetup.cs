// Unobserved exceptions are reported by the process as a whole: runs side by side would find each other's.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
