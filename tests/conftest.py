"""What holds for every test."""

from hypothesis import HealthCheck, settings

# A loaded machine is no failure: examples have no deadline of their own, and slow generation is not reported.
settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# The same examples every time, so that what failed fails again, and what passed here passes elsewhere. New ones are
# looked for on purpose: pytest --hypothesis-profile search
settings.register_profile("jackfield", settings.get_profile("search"), derandomize=True)
settings.load_profile("jackfield")
