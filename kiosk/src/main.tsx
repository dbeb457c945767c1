import { render } from "preact";
import "../../look/look.css";
import { deviceToken } from "../../look/unattended";
import { App } from "./app";
import "./kiosk.css";

const root = document.getElementById("app");
if (root) {
  const { office = "", municipality = "" } = root.dataset;
  render(<App office={office} municipality={municipality} token={deviceToken("kiosk-token")} />, root);
}
