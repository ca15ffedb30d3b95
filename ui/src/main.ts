import "./tokens.css";
import "./base.css";
import { mount } from "svelte";
import { provideHost } from "./host/host";
import { tauriHost } from "./host/tauri";
import Shell from "./shell/Shell.svelte";

provideHost(tauriHost);
const target = document.getElementById("app");
if (target) mount(Shell, { target });
