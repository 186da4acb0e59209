import {FormController} from "@web/views/form/form_controller";
import {ListController} from "@web/views/list/list_controller";
import {debounce} from "@web/core/utils/timing";
import {formView} from "@web/views/form/form_view";
import {listView} from "@web/views/list/list_view";
import {registry} from "@web/core/registry";
import {useClinicIot} from "./clinic_iot_service";

/** Look again a moment after the last of a row of messages. */
const SOON = 300;

class LiveListController extends ListController {
    setup() {
        super.setup();
        const look = debounce(() => this.model.load(), SOON);
        useClinicIot({onJob: look});
    }
}

class LiveFormController extends FormController {
    setup() {
        super.setup();
        const look = debounce(() => this.model.load(), SOON);
        useClinicIot({
            onJob: ({id, missed}) => {
                // A job, or what waits for one.
                const {resId, data} = this.model.root;
                if (missed || id === resId || id === data.job_id?.id) {
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
