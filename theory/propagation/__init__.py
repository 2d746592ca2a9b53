"""Signal propagation: kernel maps over depth, their fixed points, rates and criticality."""
