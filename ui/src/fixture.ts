import "./tokens.css";
import "./base.css";
import { mount } from "svelte";
import { fixtureHost } from "./host/fixture";
import { provideHost } from "./host/host";
import Shell from "./shell/Shell.svelte";

provideHost(fixtureHost(new URLSearchParams(location.search)));
const target = document.getElementById("app");
if (target) mount(Shell, { target });
