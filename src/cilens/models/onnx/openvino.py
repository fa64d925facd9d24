"""Networks in ONNX, compiled and run by OpenVINO."""

from __future__ import annotations

import io
import threading
from collections.abc import Mapping, Sequence

import numpy as np

from cilens.errors import ModelError, needs
from cilens.types import Array

with needs("running a network by OpenVINO", "openvino", "openvino"):
    import openvino as ov

Fed = Mapping[str, Array] | Mapping[int, Array]
"""Arrays by the name or the place of the input they are for."""


class Compiled:
    """A network as OpenVINO has compiled it for this processor: in float32, in streams.

    Parameters
    ----------
    network : str or bytes
        An ONNX file, or its content. What must hold before a framework sees a file of others is
        checked before: see `check_onnx`.
    threads : int
        Of all streams.
    streams : int
        How many pieces are computed at a time.

    Raises
    ------
    ModelError
        If OpenVINO cannot run it.

    Notes
    -----
    Each piece is computed by one stream, whatever the others do, so that the same pieces give the
    same answers, bit by bit.
    """

    def __init__(self, network: str | bytes, threads: int = 1, streams: int = 1) -> None:
        settings = {
            "NUM_STREAMS": streams,
            "INFERENCE_NUM_THREADS": threads,
            "INFERENCE_PRECISION_HINT": "f32",  # bfloat16 by default, on processors that have it
            "EXECUTION_MODE_HINT": "ACCURACY",
        }
        # The reader of ONNX and no other: OpenVINO itself would choose one by what it finds.
        reader = ov.frontend.FrontEndManager().load_by_framework("onnx")
        source = network if isinstance(network, str) else io.BytesIO(network)
        try:
            made = reader.convert(reader.load(source))
            self._network = ov.Core().compile_model(made, "CPU", settings)
        except Exception as error:
            raise ModelError(
                f"OpenVINO {ov.__version__} cannot run it: {_reason(error)}"
            ) from error
        self._lock = threading.Lock()
        self._queue: ov.AsyncInferQueue | None = None
        self._stopped = False

    def run(self, fed: Sequence[Fed], output: str | int = 0) -> list[Array]:
        """Ask about several pieces at once.

        Parameters
        ----------
        fed : sequence of mapping from str or int to array
            For each piece its inputs.
        output : str or int
            Name or place of the output meant.

        Returns
        -------
        list of arrays
            One for each piece, in order.

        Raises
        ------
        RuntimeError
            If OpenVINO fails, or was stopped.
        """
        answers: list[Array] = [np.empty(0)] * len(fed)
        place = self._network.outputs.index(self._network.output(output))

        def keep(request: ov.InferRequest, piece: int) -> None:
            answers[piece] = request.get_output_tensor(place).data.copy()

        with self._lock:
            self._stopped = False
            queue = self._queue = self._queue or ov.AsyncInferQueue(self._network)
            queue.set_callback(keep)
            try:
                for piece, one in enumerate(fed):
                    if not self._stopped:
                        queue.start_async(dict(one), piece, share_inputs=True)
                queue.wait_all()
            except Exception as error:
                self._queue = None  # it would keep its failure
                raise RuntimeError(_reason(error)) from error
        return answers

    def run_each(self, pieces: Sequence[Array]) -> list[Array]:
        """Ask about several pieces for the one input; return the first output for each."""
        return self.run([{0: piece} for piece in pieces])

    def stop(self) -> None:
        """End what is being asked, from another thread; the answers are worth nothing then."""
        self._stopped = True
        for request in self._queue or ():
            request.cancel()


def _reason(error: Exception) -> str:
    """Return what OpenVINO says last, which is what it is about."""
    lines = [line.strip(" -") for line in str(error).splitlines() if line.strip(" -")]
    return lines[-1] if lines else type(error).__name__
