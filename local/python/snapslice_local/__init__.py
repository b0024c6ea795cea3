"""Programs of the one-machine stack that speak to S3: its server, the demo, the redrive."""
