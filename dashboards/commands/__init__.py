"""The verbs that show: pages in a browser, a report to print."""
