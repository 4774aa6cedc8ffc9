"""The load proof: edits on both sides for minutes, and every promise judged from the journal."""
