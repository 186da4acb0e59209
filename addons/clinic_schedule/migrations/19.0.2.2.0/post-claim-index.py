"""What is still to come is found by both ends: the indexes by one of them go."""


def migrate(cr, version):
    cr.execute(
        """DROP INDEX IF EXISTS clinic_claim_specialist_stop_idx,
                                clinic_claim_room_stop_idx,
                                clinic_claim_device_stop_idx"""
    )
