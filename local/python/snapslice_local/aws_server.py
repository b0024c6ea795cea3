"""The AWS of one machine: moto's server, with what our stacks and the index need beyond it."""

from moto import server

from snapslice_local import cloudformation, s3_events

if __name__ == "__main__":
    s3_events.install()
    cloudformation.install()
    server.main()
