"""The dashboards as code: `parts` says what a panel and a dashboard are, the other modules what is on them."""
