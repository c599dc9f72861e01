import { connect as connectTo, createServer, type Socket } from "node:net";

/** What a proxy does with what the server sends. */
export type ProxyMode =
  | "pass"
  /** The client's next bytes reach the server; nothing comes back, and the connection breaks. */
  | "lose_answer"
  /** The client's next bytes reach nobody, and the connection breaks. */
  | "lose_question"
  /** Nothing moves any more, and nothing breaks. */
  | "stall";

/** A stretch of network between a client and a server on this machine, with faults on request. */
export interface TcpProxy {
  readonly port: number;
  /** Takes effect with the next bytes of the client; `lose_…` holds for one connection, then all is well again. */
  set(mode: ProxyMode): void;
  /** Connections from now on lead to another server; those that are open break. */
  redirect(port: number): void;
  close(): Promise<void>;
}

/** @param port the server's, on the loopback. */
export async function startProxy(port: number): Promise<TcpProxy> {
  let target = port;
  let mode: ProxyMode = "pass";
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connectTo(target, "127.0.0.1");
    let deaf = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => {});
      socket.on("close", () => sockets.delete(socket));
    }
    client.on("data", (bytes) => {
      switch (mode) {
        case "pass":
          upstream.write(bytes);
          return;
        case "stall":
          return;
        case "lose_question":
          mode = "pass";
          client.destroy();
          upstream.destroy();
          return;
        case "lose_answer":
          mode = "pass";
          deaf = true;
          upstream.write(bytes);
      }
    });
    upstream.on("data", (bytes) => {
      if (mode === "stall") return;
      if (!deaf) client.write(bytes);
      // The server has answered, so it has committed.
      else client.destroy();
    });
    client.on("close", () => upstream.end());
    upstream.on("close", () => client.end());
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  return {
    port: address.port,
    set: (next) => {
      mode = next;
    },
    redirect: (next) => {
      target = next;
      for (const socket of sockets) socket.destroy();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}
