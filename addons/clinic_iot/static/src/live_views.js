import {FormController} from "@web/views/form/form_controller";
import {ListController} from "@web/views/list/list_controller";
import {formView} from "@web/views/form/form_view";
import {listView} from "@web/views/list/list_view";
import {registry} from "@web/core/registry";
import {useClinicIot} from "./clinic_iot_service";
import {useDebounced} from "@web/core/utils/timing";

/** Look again a moment after the last of a row of messages. */
const SOON = 300;

class LiveListController extends ListController {
    setup() {
        super.setup();
        const look = useDebounced(() => this.model.load(), SOON);
        useClinicIot({onJob: look});
    }
}

class LiveFormController extends FormController {
    setup() {
        super.setup();
        const look = useDebounced(() => this.model.load(), SOON);
        useClinicIot({
            onJob: ({id, missed}) => {
                // A job, or what waits for one.
                const {root} = this.model;
                if (!root) {
                    return; // it is being read just now
                }
                if (missed || id === root.resId || id === root.data.job_id?.id) {
                    look();
                }
            },
        });
    }
}

registry.category("views").add("clinic_iot_live_list", {
    ...listView,
    Controller: LiveListController,
});
registry.category("views").add("clinic_iot_live_form", {
    ...formView,
    Controller: LiveFormController,
});
