-- a copy of the database must not write to patients
UPDATE clinic_notice
   SET state = 'skipped', reason = 'copy'
 WHERE state = 'waiting';
