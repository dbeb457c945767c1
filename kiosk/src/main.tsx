import { render } from "preact";
import "../../look/look.css";
import { App } from "./app";
import "./kiosk.css";
import { deviceToken } from "./token";

const root = document.getElementById("app");
if (root) {
  const { office = "", municipality = "" } = root.dataset;
  render(<App office={office} municipality={municipality} token={deviceToken()} />, root);
}
