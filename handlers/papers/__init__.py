"""Papers made of figures: work reports from Word templates, 台账 as sheets, pictures."""
