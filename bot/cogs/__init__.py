"""What members can do: a module or package for each room of the community."""
