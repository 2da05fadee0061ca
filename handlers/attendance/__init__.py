"""考勤: operations (what is recorded), words (what members say) and command (what secretaries type)."""
