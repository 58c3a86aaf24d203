// Unobserved exceptions are reported per process, so parallel runs would report each other's.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
