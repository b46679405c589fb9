-- How far each portal's room was read: `cursor.room_event` is the newest event of that reading, this is when it was.
alter table cursor add column room_read_at timestamptz;
