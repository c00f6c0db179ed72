import type { Socket } from "node:net";

/**
 * Ends a connection with a reset, so that the other side learns at once that nothing more comes. One that has said
 * goodbye in this very moment is closed instead: Node cannot reset it, never closes it, and spins at the process's end.
 */
export function resetSocket(socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy();
  else socket.resetAndDestroy();
}
