import {onWillDestroy} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";

/**
 * What the server says about jobs and devices, as it happens.
 *
 * The messages hold ids and states only; whoever wants more reads the record. A message
 * may be lost while the connection is down, so `onJob` also hears of it when it is back:
 * then look at what you wait for again.
 */
export const clinicIotService = {
    dependencies: ["bus_service"],

    start(_env, {bus_service: bus}) {
        const listeners = {job: new Set(), device: new Set()};
        const tell = (kind, message) => {
            for (const listener of [...listeners[kind]]) {
                listener(message);
            }
        };
        bus.subscribe("clinic_iot/job", (message) => tell("job", message));
        bus.subscribe("clinic_iot/device", (message) => tell("device", message));
        for (const event of ["BUS:CONNECT", "BUS:RECONNECT"]) {
            bus.addEventListener(event, () => {
                tell("job", {missed: true});
                tell("device", {missed: true});
            });
        }
        const listen = (kind, listener) => {
            listeners[kind].add(listener);
            return () => listeners[kind].delete(listener);
        };
        return {
            /** Call `listener({id, state, settled, device_id, branch_id})` from now on;
             *  with `{missed: true}` something may have been missed. Returns the end. */
            onJob: (listener) => listen("job", listener),
            /** The same for devices: `{id, branch_id}`. */
            onDevice: (listener) => listen("device", listener),
        };
    },
};

registry.category("services").add("clinic_iot", clinicIotService);

/** Listen as long as the component lives; either listener may be left out. */
export function useClinicIot({onJob, onDevice}) {
    const service = useService("clinic_iot");
    const ends = [];
    if (onJob) {
        ends.push(service.onJob(onJob));
    }
    if (onDevice) {
        ends.push(service.onDevice(onDevice));
    }
    // Not “unmount”: what was never shown is not taken off the screen either.
    onWillDestroy(() => ends.forEach((end) => end()));
}
