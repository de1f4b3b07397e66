"""What holds for every test."""

from hypothesis import HealthCheck, settings

# A loaded machine is no failure: examples have no deadline of their own, and slow generation is not reported.
settings.register_profile("jackfield", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("jackfield")
