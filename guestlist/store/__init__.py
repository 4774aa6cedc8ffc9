"""What must survive: runs, work, links, agreed values, problems, the chosen list."""
