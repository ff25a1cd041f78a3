"""The job: a pure machine, its store, the JobActor around it, and the JobHost where JobActors live."""
