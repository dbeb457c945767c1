// Placeholder entry for the server-rendered pages: the look, htmx and the live connection.
import "../../look/look.css";
import "htmx.org";
import { io } from "socket.io-client";

export const connect = () => io("/live");
