"""A bundle, laid out for CMSSW: graph, configuration, unit tests, instructions."""
