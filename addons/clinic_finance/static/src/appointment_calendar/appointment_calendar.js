import {patch} from "@web/core/utils/patch";
import {CalendarCommonRenderer} from "@web/views/calendar/calendar_common/calendar_common_renderer";

// A red edge on the visits still to be paid: seen before the card is opened.
patch(CalendarCommonRenderer.prototype, {
    eventClassNames({event}) {
        const classNames = super.eventClassNames(...arguments);
        const {model} = this.props;
        if (
            model.resModel === "clinic.appointment" &&
            model.records[event.id]?.rawRecord.amount_due > 0 &&
            model.records[event.id].rawRecord.state !== "cancelled"
        ) {
            classNames.push("o_clinic_unpaid");
        }
        return classNames;
    },
});
