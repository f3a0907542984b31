"""Meaning: rules, verdicts, changes and rates over the archive's facts. Never imports `reports`, a spider or Scrapy."""
